"""What the netCDF files hold, a module for each stage, so that a change reruns that stage only."""
