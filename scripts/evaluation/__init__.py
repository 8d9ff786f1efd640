"""How well questions find their pages here, and in other pipelines on the same documents."""
