"""Coins and notes on a ccTalk bus: coin acceptor, note validator with escrow, hoppers."""
