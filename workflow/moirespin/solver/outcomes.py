"""How a relaxation can end; apart from the solver, so that files can name it without JAX."""

OUTCOMES = ("running", "converged", "out_of_steps", "stalled", "not_finite")
RUNNING, CONVERGED, OUT_OF_STEPS, STALLED, NOT_FINITE = range(len(OUTCOMES))
