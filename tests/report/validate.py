"""validate.py SCHEMA FILE...: holds JSON files (of .ndjson each line) to a schema; prints what does not fit, exits 1."""
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


with open(sys.argv[1], encoding="utf-8") as schema_file:
    schema = json.load(schema_file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
failed = False
for path in sys.argv[2:]:
    for document in documents(path):
        for error in validator.iter_errors(document):
            failed = True
            print(f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message}")
sys.exit(1 if failed else 0)
