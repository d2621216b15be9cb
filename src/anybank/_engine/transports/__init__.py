"""HTTP over httpx or aiohttp: connections, TLS, proxies, deadlines, response bodies."""
