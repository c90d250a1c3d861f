"""The mapping language: one YAML file that says everything about a provider."""
