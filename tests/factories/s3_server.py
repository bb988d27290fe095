"""A real server of S3's protocol on loopback, with one bucket; bytes go over HTTP as they would to any other."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

BUCKET = "college"
REGION = "eu-west-2"


@contextmanager
def s3_server() -> Iterator[str]:
    """Serve inside the block and set what every S3 client reads from the environment; the address of the server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up-too",
            "AWS_REGION": REGION,
            "AWS_ALLOW_HTTP": "true",
        }.items():
            patch.setenv(name, value)
        # What it holds is kept by its process, so another test's server may have left something.
        urlopen(Request(f"{address}/moto-api/reset", method="POST")).close()
        client = boto3.client("s3", endpoint_url=address, region_name=REGION)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        client.close()
        yield address
    server.stop()
