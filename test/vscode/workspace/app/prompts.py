SYSTEM = "You are a helpful assistant."
