"""The demo college and seed: the one room that may know every other."""
