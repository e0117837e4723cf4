"""The values handed on between the rooms: frozen, without behaviour of their own."""
