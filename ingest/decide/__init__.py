"""Judgements: values in, values out."""
