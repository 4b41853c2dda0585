"""Principal modes are exact."""

import numpy as np

from moirespin.textures.modes import components_of, principal_modes, strongest


def test_strongest_vectors_are_those_of_the_decomposition():
    generator = np.random.default_rng(0)
    vectors = np.linalg.qr(generator.standard_normal((40, 40)))[0]
    rows = generator.standard_normal((60, 40)) * 0.3 ** np.arange(40) @ vectors
    found = strongest(rows, 3)
    exact = np.linalg.svd(rows, full_matrices=False)[2][:3]
    np.testing.assert_allclose(np.abs(found @ exact.T), np.eye(3), atol=1e-8)


def test_modes_give_back_fields_that_are_spanned_by_so_many():
    generator = np.random.default_rng(1)
    fields = 1 + generator.standard_normal((30, 4)) @ generator.standard_normal((4, 2 * 7))
    basis, components = principal_modes(fields.reshape(30, 2, 7), np.ones(30), 4)
    again = basis.mean + np.einsum("tm,mcw->tcw", components, basis.modes)
    np.testing.assert_allclose(again, fields.reshape(30, 2, 7), atol=1e-5)
    np.testing.assert_allclose(basis.scale, components.std(axis=0), rtol=1e-5)
    again = components_of(basis, fields.reshape(30, 2, 7))
    np.testing.assert_allclose(again * basis.scale, components, atol=1e-5)
