"""The coordinator: node directory, bid board and relayer. It can refuse service, forge nothing."""
