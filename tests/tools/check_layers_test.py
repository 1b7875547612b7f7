#!/usr/bin/env python3
"""tools/check_layers.py finds each kind of broken rule, and nothing in a tree that keeps them."""
import importlib.util
import os
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = os.path.join(HERE, "..", "..", "tools", "check_layers.py")

ROOMS = """
flotsam_room(base)
flotsam_room(model ROOMS base)
flotsam_room(store ROOMS base model)
flotsam_room(http ROOMS base)
flotsam_room(scan ROOMS base model HEADERS_OF store)
"""


class CheckLayers(unittest.TestCase):
    def setUp(self):
        spec = importlib.util.spec_from_file_location("check_layers", TOOL)
        self.tool = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.tool)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.tool.SRC = self.folder.name
        self.rooms = self.tool.rooms_of(ROOMS)

    def problems(self, name, include):
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#pragma once\n#include {include}\n")
        return list(self.tool.problems_of(path, self.rooms))

    def test_what_a_room_names_is_allowed(self):
        self.assertEqual(self.problems("model/key.h", '"base/error.h"'), [])
        self.assertEqual(self.problems("model/key.h", '"model/glob.h"'), [])
        self.assertEqual(self.problems("scan/scan.h", '"store/lister.h"'), [])

    def test_a_room_that_is_not_named_is_found(self):
        self.assertIn("may use only", self.problems("base/error.h", '"model/key.h"')[0])

    def test_a_closed_header_of_an_interface_room_is_found(self):
        self.assertIn("sees of store only", self.problems("scan/scan.h", '"store/open.h"')[0])

    def test_a_header_without_its_room_is_found(self):
        self.assertIn("in no room", self.problems("model/key.h", '"key.h"')[0])

    def test_a_third_party_header_in_the_wrong_room_is_found(self):
        self.assertEqual(self.problems("http/curl.cpp", "<curl/curl.h>"), [])
        self.assertIn("which only src/http/", self.problems("store/s3/list.cpp", "<curl/curl.h>")[0])

    def test_only_apply_reaches_what_deletes(self):
        self.assertIn("only src/apply/", self.problems("scan/scan.cpp", '"store/remover.h"')[0])

    def test_a_circle_of_rooms_is_found(self):
        rooms = self.tool.rooms_of("flotsam_room(a ROOMS b)\nflotsam_room(b ROOMS c)\nflotsam_room(c ROOMS a)")
        self.assertEqual(self.tool.cycle_of(rooms), ["a", "b", "c", "a"])
        self.assertIsNone(self.tool.cycle_of(self.rooms))


if __name__ == "__main__":
    unittest.main()
