"""
Train the networks and let them predict the test set.

Reads:  config.yaml (seed, trainings, images, regressor, generator, joint, textures, noise,
        robust, inputs, choices, sample_curve, analysis, phases, split, interlayer.scale)
        <run>/dataset.nc
Writes: <run>/models/twist_angle.safetensors, exchange, anisotropy, generator, joint, each with
        its .json; <run>/predictions/parameters.nc, joint.nc, images.nc; <run>/scores/snr.nc,
        snr_joint.nc
        on request: <run>/sample_curve/{parameter}_{fraction}.safetensors, generator_{fraction} and
        textures_{fraction} beside them, tables/sample_curve.csv, tables/image_curve.csv,
        <run>/trainings/{network}_{training}.safetensors, tables/training_spread.csv,
        <run>/robust/joint.safetensors, tables/image_conditions.csv,
        <run>/inputs/{parameter}_{scaling}_{trained}.safetensors, tables/inputs.csv,
        <run>/choices/{variant}_{network}.safetensors, tables/choices.csv, joint_gain.csv
"""


rule train_regressor:
    input:
        dataset=samples_to_learn,
    output:
        model="<run>/models/{parameter}.safetensors",
        about="<run>/models/{parameter}.json",
    log:
        "<run>/logs/train_regressor/{parameter}.log",
    benchmark:
        "<run>/benchmarks/train_regressor/{parameter}.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("train_network"),
        task=regression_of,
        training=config["regressor"]["training"],
        ranges=parameter_ranges(),
        seed=config["trainings"]["seed"],
    script:
        "../scripts/train_network.py"


use rule train_regressor as train_fraction with:
    output:
        model="<run>/sample_curve/{parameter}_{fraction}.safetensors",
        about="<run>/sample_curve/{parameter}_{fraction}.json",
    log:
        "<run>/logs/train_fraction/{parameter}_{fraction}.log",
    benchmark:
        "<run>/benchmarks/train_fraction/{parameter}_{fraction}.tsv"
    params:
        fraction=fraction_of,


use rule train_regressor as train_joint with:
    output:
        model="<run>/models/joint.safetensors",
        about="<run>/models/joint.json",
    log:
        "<run>/logs/train_joint.log",
    benchmark:
        "<run>/benchmarks/train_joint.tsv"
    params:
        task=joint_task(),
        training=config["joint"]["training"],


use rule train_regressor as train_robust with:
    output:
        model="<run>/robust/joint.safetensors",
        about="<run>/robust/joint.json",
    log:
        "<run>/logs/train_robust.log",
    benchmark:
        "<run>/benchmarks/train_robust.tsv"
    params:
        task={"robust": joint_task()["joint"] | config["robust"]["degradation"]},
        training=config["robust"]["training"],


use rule train_regressor as train_inputs with:
    output:
        model="<run>/inputs/{parameter}_{scaling}_{trained}.safetensors",
        about="<run>/inputs/{parameter}_{scaling}_{trained}.json",
    log:
        "<run>/logs/train_inputs/{parameter}_{scaling}_{trained}.log",
    benchmark:
        "<run>/benchmarks/train_inputs/{parameter}_{scaling}_{trained}.tsv"
    params:
        task=inputs_of,


rule inputs:
    input:
        dataset="<run>/dataset.nc",
        models=["<run>/inputs/{}_{}_{}.safetensors".format(*each) for each in INPUTS],
    output:
        table=report(
            "<run>/tables/inputs.csv",
            "../report/inputs.rst",
            category="Tables",
            labels={"table": "inputs", "shows": "errors with scaled inputs and noise in training"},
        ),
        about="<run>/tables/inputs.csv-metadata.json",
    log:
        "<run>/logs/inputs.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("input_study"),
        networks=INPUTS,
        ranges=parameter_ranges(),
        levels_db=config["noise"]["levels_db"],
        seed=config["seed"],
    script:
        "../scripts/input_study.py"


rule train_choice:
    input:
        dataset=samples_to_learn,
    output:
        model="<run>/choices/{variant}_{network}.safetensors",
        about="<run>/choices/{variant}_{network}.json",
    log:
        "<run>/logs/train_choice/{variant}_{network}.log",
    benchmark:
        "<run>/benchmarks/train_choice/{variant}_{network}.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("train_choice"),
        changes=changes_of,
        shape=shape_of,
        loss=config["regressor"]["loss"],
        snr_db=noise_of_choice,
        left_out=angles_of_choice,
        split=config["split"],
        data_seed=config["seed"],
        training=training_of,
        ranges=parameter_ranges(),
        seed=config["trainings"]["seed"],
    script:
        "../scripts/train_choice.py"


rule choices:
    input:
        unpack(choice_models),
        dataset="<run>/dataset.nc",
        phase_diagram="<run>/phase_diagram.nc",
        lines="<run>/phase_lines.nc",
    output:
        table=report(
            "<run>/tables/choices.csv",
            "../report/choices.rst",
            category="Tables",
            labels={"table": "choices", "shows": "what each choice does to the errors"},
        ),
        about="<run>/tables/choices.csv-metadata.json",
        gain=report(
            "<run>/tables/joint_gain.csv",
            "../report/joint_gain.rst",
            category="Tables",
            labels={"table": "joint_gain", "shows": "what makes the joint network better"},
        ),
        about_gain="<run>/tables/joint_gain.csv-metadata.json",
    log:
        "<run>/logs/choices.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("choices"),
        thresholds=choice_thresholds(),
        left_out={"indices": left_out_angles()},
        noise=noise_of_scores(),
        scale=config["interlayer"]["scale"],
        loss=config["regressor"]["loss"],
        split=config["split"],
        sweep=box(),
        ranges=parameter_ranges(),
        bootstrap_samples=config["analysis"]["bootstrap_samples"],
        seed=config["seed"],
    script:
        "../scripts/choices.py"


rule image_conditions:
    input:
        dataset="<run>/dataset.nc",
        joint="<run>/models/joint.safetensors",
        robust="<run>/robust/joint.safetensors",
    output:
        table=report(
            "<run>/tables/image_conditions.csv",
            "../report/image_conditions.rst",
            category="Tables",
            labels={
                "table": "image_conditions",
                "shows": "errors of the joint networks on images as they would be measured",
            },
        ),
        about="<run>/tables/image_conditions.csv-metadata.json",
    log:
        "<run>/logs/image_conditions.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("image_conditions"),
        ranges=parameter_ranges(),
        degradation=config["robust"]["degradation"],
        bootstrap_samples=config["analysis"]["bootstrap_samples"],
        seed=config["seed"],
    script:
        "../scripts/image_conditions.py"


use rule train_regressor as train_again with:
    output:
        model="<run>/trainings/{network}_{training}.safetensors",
        about="<run>/trainings/{network}_{training}.json",
    log:
        "<run>/logs/train_again/{network}_{training}.log",
    benchmark:
        "<run>/benchmarks/train_again/{network}_{training}.tsv"
    params:
        task=task_of,
        training=training_of,
        seed=seed_of,


use rule train_regressor as train_generator with:
    output:
        model="<run>/models/generator.safetensors",
        about="<run>/models/generator.json",
    log:
        "<run>/logs/train_generator.log",
    benchmark:
        "<run>/benchmarks/train_generator.tsv"
    # The longest training: the others fit beside it.
    priority: 1
    params:
        task={"generation": generator_task()},
        training=config["generator"]["training"],


use rule train_generator as train_generator_fraction with:
    output:
        model="<run>/sample_curve/generator_{fraction}.safetensors",
        about="<run>/sample_curve/generator_{fraction}.json",
    log:
        "<run>/logs/train_generator_fraction/{fraction}.log",
    benchmark:
        "<run>/benchmarks/train_generator_fraction/{fraction}.tsv"
    params:
        fraction=fraction_of,


rule train_textures:
    input:
        shards=shard_paths,
        dataset="<run>/dataset.nc",
        lines="<run>/phase_lines.nc",
        table=interlayer_table,
    output:
        model="<run>/models/textures.safetensors",
        about="<run>/models/textures.json",
    log:
        "<run>/logs/train_textures.log",
    benchmark:
        "<run>/benchmarks/train_textures.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("train_textures"),
        settings=config["textures"],
        sweep=box(),
        model=blocks("lattice", "interlayer"),
        seed=config["trainings"]["seed"],
    script:
        "../scripts/train_textures.py"


use rule train_textures as train_textures_fraction with:
    output:
        model="<run>/sample_curve/textures_{fraction}.safetensors",
        about="<run>/sample_curve/textures_{fraction}.json",
    log:
        "<run>/logs/train_textures_fraction/{fraction}.log",
    benchmark:
        "<run>/benchmarks/train_textures_fraction/{fraction}.tsv"
    params:
        fraction=fraction_of,


rule draw_textures:
    input:
        dataset="<run>/dataset.nc",
        model="<run>/models/textures.safetensors",
    output:
        predictions="<run>/predictions/textures.nc",
    log:
        "<run>/logs/draw_textures.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("draw_textures"),
        pixels={"generator": config["images"]["generator_pixels"]},
    script:
        "../scripts/draw_textures.py"


rule predict_parameters:
    input:
        dataset="<run>/dataset.nc",
        twist_angle="<run>/models/twist_angle.safetensors",
        exchange="<run>/models/exchange.safetensors",
        anisotropy="<run>/models/anisotropy.safetensors",
    output:
        predictions="<run>/predictions/parameters.nc",
    log:
        "<run>/logs/predict_parameters.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("predict_parameters"),
        ranges=parameter_ranges(),
    script:
        "../scripts/predict_parameters.py"


rule predict_joint:
    input:
        dataset="<run>/dataset.nc",
        model="<run>/models/joint.safetensors",
    output:
        predictions="<run>/predictions/joint.nc",
    log:
        "<run>/logs/predict_joint.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("predict_joint"),
        ranges=parameter_ranges(),
    script:
        "../scripts/predict_joint.py"


rule predict_images:
    input:
        dataset="<run>/dataset.nc",
        model="<run>/models/generator.safetensors",
    output:
        predictions="<run>/predictions/images.nc",
    log:
        "<run>/logs/predict_images.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("predict_images"),
        ranges=parameter_ranges(),
    script:
        "../scripts/predict_images.py"


rule sweep_snr:
    input:
        dataset="<run>/dataset.nc",
        twist_angle="<run>/models/twist_angle.safetensors",
        exchange="<run>/models/exchange.safetensors",
        anisotropy="<run>/models/anisotropy.safetensors",
        joint="<run>/models/joint.safetensors",
    output:
        scores="<run>/scores/snr.nc",
        joint="<run>/scores/snr_joint.nc",
    log:
        "<run>/logs/sweep_snr.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("sweep_snr"),
        ranges=parameter_ranges(),
        snr=config["noise"],
        seed=config["seed"],
    script:
        "../scripts/sweep_snr.py"


rule training_spread:
    input:
        unpack(trained_again),
        dataset="<run>/dataset.nc",
    output:
        table=report(
            "<run>/tables/training_spread.csv",
            "../report/training_spread.rst",
            category="Tables",
            labels={
                "table": "training_spread",
                "shows": "errors of networks trained several times",
            },
        ),
        about="<run>/tables/training_spread.csv-metadata.json",
    log:
        "<run>/logs/training_spread.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("training_spread"),
        ranges=parameter_ranges(),
        bootstrap_samples=config["analysis"]["bootstrap_samples"],
        seed=config["seed"],
    script:
        "../scripts/training_spread.py"


rule sample_curve:
    input:
        unpack(curve_models),
        dataset="<run>/dataset.nc",
    output:
        table=report(
            "<run>/tables/sample_curve.csv",
            "../report/sample_curve.rst",
            category="Tables",
            labels={
                "table": "sample_curve",
                "shows": "errors against the number of training samples",
            },
        ),
        about="<run>/tables/sample_curve.csv-metadata.json",
    log:
        "<run>/logs/sample_curve.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("sample_curve"),
        parameters=config["sample_curve"]["parameters"],
        ranges=parameter_ranges(),
        bootstrap_samples=config["analysis"]["bootstrap_samples"],
        seed=config["seed"],
    script:
        "../scripts/sample_curve.py"


rule image_curve:
    input:
        unpack(generators_of_curve),
        dataset="<run>/dataset.nc",
    output:
        table=report(
            "<run>/tables/image_curve.csv",
            "../report/image_curve.rst",
            category="Tables",
            labels={
                "table": "image_curve",
                "shows": "errors of drawn images against the number of training samples",
            },
        ),
        about="<run>/tables/image_curve.csv-metadata.json",
    log:
        "<run>/logs/image_curve.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("image_curve"),
        pixels=config["images"]["generator_pixels"],
        ranges=parameter_ranges(),
        bootstrap_samples=config["analysis"]["bootstrap_samples"],
        seed=config["seed"],
    script:
        "../scripts/image_curve.py"
