"""Facts into mail, mail to SMTP, links."""
