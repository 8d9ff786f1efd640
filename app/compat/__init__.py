"""What clients of Ollama's and OpenAI's protocols send and get."""
