"""
Write the page of results from everything else that a run keeps.

Reads:  <run>/tables/*.csv; figures and all other files are linked, not read
Writes: <run>/index.html
"""


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
        files=products.described(),
    script:
        "../scripts/write_page.py"
