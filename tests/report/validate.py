"""validate.py [--none] SCHEMA FILE...: holds JSON files (of .ndjson each line) to a schema; prints what does not fit, exits 1.

With --none no document may fit: prints those that do, exits 1.
"""
import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit("python3-jsonschema is not installed: apt-get install python3-jsonschema")


def documents(path):
    with open(path, encoding="utf-8") as file:
        if path.endswith(".ndjson"):
            yield from (json.loads(line) for line in file)
        else:
            yield json.load(file)


arguments = sys.argv[1:]
none_fits = arguments[0] == "--none"
if none_fits:
    arguments.pop(0)
with open(arguments[0], encoding="utf-8") as schema_file:
    schema = json.load(schema_file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
failed = False
for path in arguments[1:]:
    for number, document in enumerate(documents(path), start=1):
        errors = list(validator.iter_errors(document))
        if none_fits and not errors:
            failed = True
            print(f"{path}:{number}: fits: {json.dumps(document)}")
        for error in [] if none_fits else errors:
            failed = True
            print(f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message}")
sys.exit(1 if failed else 0)
