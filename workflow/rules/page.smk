"""
Write the pages of a run: the explorer, and the page of results from everything else that is kept.

Reads:  config.yaml (magnet), workflow/explorer
        <run>/models/textures.safetensors, phase_diagram.nc, phase_lines.nc, tables/*.csv
        figures and all other files are linked, not read
Writes: <run>/explorer.html, index.html
"""


rule explorer:
    input:
        model="<run>/models/textures.safetensors",
        about="<run>/models/textures.json",
        sets="<run>/phase_diagram.nc",
        lines="<run>/phase_lines.nc",
    output:
        page=f"<run>/{products.EXPLORER}",
    log:
        "<run>/logs/explorer.log",
    localrule: True
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("write_explorer"),
        magnet=config["magnet"],
    script:
        "../scripts/write_explorer.py"


rule results_page:
    input:
        tables=[f"<run>/{path}" for path in products.tables()],
        linked=[f"<run>/{path}" for path in products.computed()],
    output:
        page=f"<run>/{products.PAGE}",
    log:
        "<run>/logs/results_page.log",
    localrule: True
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("write_page"),
        figures=shown_figures(),
        also=products.drawn_on_request(Path("results", RUN)),
        tables=products.tables_show(),
        measurements=list(MEASUREMENTS),
        files=products.described() | products.tables_on_request(Path("results", RUN)),
    script:
        "../scripts/write_page.py"
