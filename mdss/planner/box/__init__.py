"""The station-keeping box: how far plans leave it, and plans that come back."""
