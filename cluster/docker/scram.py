"""Reads a password from standard input and prints the SCRAM-SHA-256 verifier PostgreSQL stores for it (RFC 5803)."""

import base64
import hashlib
import hmac
import os
import sys

ITERATIONS = 4096

password = sys.stdin.read().strip().encode("ascii")
salt = os.urandom(16)
salted = hashlib.pbkdf2_hmac("sha256", password, salt, ITERATIONS)
client_key = hmac.digest(salted, b"Client Key", "sha256")
server_key = hmac.digest(salted, b"Server Key", "sha256")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


print(f"SCRAM-SHA-256${ITERATIONS}:{b64(salt)}${b64(hashlib.sha256(client_key).digest())}:{b64(server_key)}")
