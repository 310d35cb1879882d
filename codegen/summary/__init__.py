"""A network at a glance: its layers or equations with shapes, parameters, operations and bytes of a step."""
