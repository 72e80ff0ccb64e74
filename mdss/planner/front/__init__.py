"""The Pareto front of one event: which plans no other beats, and what weights make of them."""
