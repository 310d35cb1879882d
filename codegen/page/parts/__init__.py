"""What the page shows of a network, part by part, as HTML; made in a worker process."""
