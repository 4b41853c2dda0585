"""
Draw the figures of the paper from what the run has written.

Reads:  <run>/phase_diagram.nc, phase_lines.nc
        <run>/predictions/images.nc
        <run>/scores/*.nc
Writes: <run>/figures/fig*.png, .pdf, and the plotted numbers as .csv
"""

from functools import partial

figure = partial(report, category="Figures")
SHOWS = {
    "fig03": {"figure": "3", "shows": "estimated against true parameters"},
    "fig04": {"figure": "4", "shows": "parameter errors along the parameters"},
    "fig05": {"figure": "5", "shows": "principal components of the errors"},
    "fig06": {"figure": "6", "shows": "parameter errors near the phase boundaries"},
    "fig07": {"figure": "7", "shows": "estimates from noisy images"},
    "fig08": {"figure": "8", "shows": "generated against true images"},
    "fig09": {"figure": "9", "shows": "image error near the phase boundaries"},
    "fig10": {"figure": "10", "shows": "error of the averaged magnetisation"},
    "fig11": {"figure": "11", "shows": "order parameters and phases"},
}


rule plot_fig03:
    input:
        scores="<run>/scores/regression.nc",
        profiles="<run>/scores/regression_profiles.nc",
    output:
        png=figure("<run>/figures/fig03.png", "../report/fig03.rst", labels=SHOWS["fig03"]),
        pdf="<run>/figures/fig03.pdf",
        csv="<run>/figures/fig03.csv",
    log:
        "<run>/logs/plot_fig03.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig03"),
    script:
        "../scripts/plot_fig03.py"


rule plot_fig04:
    input:
        profiles="<run>/scores/regression_profiles.nc",
    output:
        png=figure("<run>/figures/fig04.png", "../report/fig04.rst", labels=SHOWS["fig04"]),
        pdf="<run>/figures/fig04.pdf",
        csv="<run>/figures/fig04.csv",
    log:
        "<run>/logs/plot_fig04.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig04"),
    script:
        "../scripts/plot_fig04.py"


rule plot_fig05:
    input:
        scores="<run>/scores/regression.nc",
        pca="<run>/scores/error_pca.nc",
    output:
        png=figure("<run>/figures/fig05.png", "../report/fig05.rst", labels=SHOWS["fig05"]),
        pdf="<run>/figures/fig05.pdf",
        csv="<run>/figures/fig05.csv",
    log:
        "<run>/logs/plot_fig05.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig05"),
    script:
        "../scripts/plot_fig05.py"


rule plot_fig06:
    input:
        profiles="<run>/scores/regression_profiles.nc",
    output:
        png=figure("<run>/figures/fig06.png", "../report/fig06.rst", labels=SHOWS["fig06"]),
        pdf="<run>/figures/fig06.pdf",
        csv="<run>/figures/fig06.csv",
    log:
        "<run>/logs/plot_fig06.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig06"),
    script:
        "../scripts/plot_fig06.py"


rule plot_fig07:
    input:
        scores="<run>/scores/snr.nc",
    output:
        png=figure("<run>/figures/fig07.png", "../report/fig07.rst", labels=SHOWS["fig07"]),
        pdf="<run>/figures/fig07.pdf",
        csv="<run>/figures/fig07.csv",
    log:
        "<run>/logs/plot_fig07.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig07"),
        options=config["figures"]["fig07"],
    script:
        "../scripts/plot_fig07.py"


rule plot_fig08:
    input:
        images="<run>/predictions/images.nc",
        scores="<run>/scores/generator.nc",
        profiles="<run>/scores/generator_profiles.nc",
    output:
        png=figure("<run>/figures/fig08.png", "../report/fig08.rst", labels=SHOWS["fig08"]),
        pdf="<run>/figures/fig08.pdf",
        csv="<run>/figures/fig08.csv",
    log:
        "<run>/logs/plot_fig08.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig08"),
    script:
        "../scripts/plot_fig08.py"


rule plot_fig09:
    input:
        profiles="<run>/scores/generator_profiles.nc",
    output:
        png=figure("<run>/figures/fig09.png", "../report/fig09.rst", labels=SHOWS["fig09"]),
        pdf="<run>/figures/fig09.pdf",
        csv="<run>/figures/fig09.csv",
    log:
        "<run>/logs/plot_fig09.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig09"),
    script:
        "../scripts/plot_fig09.py"


rule plot_fig10:
    input:
        profiles="<run>/scores/generator_profiles.nc",
    output:
        png=figure("<run>/figures/fig10.png", "../report/fig10.rst", labels=SHOWS["fig10"]),
        pdf="<run>/figures/fig10.pdf",
        csv="<run>/figures/fig10.csv",
    log:
        "<run>/logs/plot_fig10.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig10"),
    script:
        "../scripts/plot_fig10.py"


rule plot_fig11:
    input:
        diagram="<run>/phase_diagram.nc",
        lines="<run>/phase_lines.nc",
    output:
        png=figure("<run>/figures/fig11.png", "../report/fig11.rst", labels=SHOWS["fig11"]),
        pdf="<run>/figures/fig11.pdf",
        csv="<run>/figures/fig11.csv",
    log:
        "<run>/logs/plot_fig11.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig11"),
        options=config["figures"]["fig11"],
    script:
        "../scripts/plot_fig11.py"
