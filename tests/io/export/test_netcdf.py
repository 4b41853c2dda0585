"""The format netCDF gives back what was written."""

import numpy as np
import xarray as xr

from export_example import written


def test_netcdf(texture, tmp_path):
    with xr.open_dataset(written(texture, tmp_path, ".nc")) as file:
        for name in file.variables:
            if name not in ("layer", "component"):
                assert file[name].attrs["long_name"] and file[name].attrs["units"]
        image = file["image"].sel(layer="bottom", component="z")
        assert image.dims == ("y", "x")
        np.testing.assert_allclose(image, texture.images.spins[1, ..., 2], atol=1e-7)
        np.testing.assert_array_equal(file["y"], texture.images.centres_nm)
        np.testing.assert_array_equal(file["position"], texture.sites.positions_nm)
        np.testing.assert_allclose(file["spins"], texture.sites.spins, atol=1e-7)
        np.testing.assert_array_equal(file["site_layer"], texture.sites.layer)
        np.testing.assert_array_equal(file["sublattice"], texture.sites.sublattice)
        vectors = file["moire_vector"].sel(component=["x", "y"])
        np.testing.assert_array_equal(vectors, texture.sites.moire_vectors_nm)
        assert file["position"].attrs["units"] == "nm"
        assert file.attrs["phase"] == "MD" and file.attrs["converged"] == 1
