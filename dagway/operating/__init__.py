"""What operations did, and whether the gateway can take more of them."""
