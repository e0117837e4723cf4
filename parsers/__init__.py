"""What a site's addresses and pages mean. Pure: values in, values out."""
