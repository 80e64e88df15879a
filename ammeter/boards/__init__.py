"""The boards in a browser: Grafana's own JSON, drawn without Grafana and pushed live."""
