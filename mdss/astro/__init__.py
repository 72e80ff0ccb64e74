"""Ground floor: pure kernels, SI arrays in, SI arrays out, no project classes."""
