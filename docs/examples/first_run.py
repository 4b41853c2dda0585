"""A finished run in Python: tables, ground states, networks, and textures without a simulation.

python docs/examples/first_run.py                   after `make`
python docs/examples/first_run.py results/mine out  another run; files go to the folder `out`
"""

import sys
from pathlib import Path

import moirespin

folder, out = [*sys.argv[1:], *("results/laptop", ".")[len(sys.argv) - 1 :]]

# Open a run. Tables come as pandas, datasets as xarray with units.
run = moirespin.open_run(folder)
print(run.table("regression"))
sets = run.dataset("phase_diagram.nc")
print(sets["exchange"].attrs)

# Look at one ground state: the set of largest J among those with magnetic domains.
domains = sets.isel(set=sets["phase"].values == 2)
chosen = domains.isel(set=int(domains["exchange"].argmax()))
m, number = int(chosen["twist_index"]), int(chosen["set_number"])
relaxed = run.texture(m, number, moirespin.Window(side_nm=60, pixels=120))
print(relaxed.about)

# `images.spins` has (layer, y, x, component), `sites` positions in nm and unit spins.
print("S^z of the top layer, mean over the window:", relaxed.images.spins[0, ..., 2].mean())
print("sites of one moire cell:", relaxed.sites.positions_nm.shape)
moirespin.plot(relaxed).savefig(Path(out) / "relaxed.png")
moirespin.save(relaxed, Path(out) / "relaxed.vtk")

# Estimate theta, J and D of images: here of the test samples, beside the truth.
samples = run.dataset("dataset.nc")
test = samples.isel(sample=samples["split"].values == 2)
estimated = run.estimate(test["image"].values)
print(estimated.assign(true_exchange_mev=test["exchange"].values).head())

# Draw the same parameters by the shipped texture model, without a simulation.
drawn = moirespin.draw(
    float(chosen["twist_angle"]),
    float(chosen["exchange"]),
    float(chosen["anisotropy"]),
    window=moirespin.Window(side_nm=60, pixels=120),
)
difference = abs(drawn.images.spins - relaxed.images.spins)[..., 2].mean()
print(f"{drawn.about['phase']}, mean difference of S^z from the relaxed state: {difference:.4f}")
