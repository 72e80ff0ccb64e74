"""What is left of a plan when things turn out otherwise, and plans that hold all the same."""
