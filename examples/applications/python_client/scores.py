#!/usr/bin/env python3
"""Adds a point to alice's score, and gives bob two, in the dict that scores.cpp shares.

The modules of mp are made from protos/mp/v1 by protoc, as the build does it: see CMakeLists.txt.
"""

import os

import grpc
from mp.v1.dict_pb2 import DictAddRequest, DictCreateRequest, DictGetRequest, DictItemsRequest, DictSetRequest
from mp.v1.dict_pb2_grpc import DictStub
from mp.v1.value_pb2 import Value

with grpc.insecure_channel(os.environ.get("MP_MANAGER", "127.0.0.1:50051")) as channel:
    scores = DictStub(channel)
    scores.Create(DictCreateRequest(name="scores"))

    # scores["alice"] += 1, as one operation; scores["bob"] = 2
    scores.Add(DictAddRequest(name="scores", key=Value(str="alice"), operand=Value(int=1)))
    scores.Set(DictSetRequest(name="scores", key=Value(str="bob"), value=Value(int=2)))

    try:
        scores.Get(DictGetRequest(name="scores", key=Value(str="carol")))
    except grpc.RpcError as error:
        print(error.code().name, error.details())

    for entry in scores.Items(DictItemsRequest(name="scores")).entries:
        print(entry.key.str, entry.value.int)
