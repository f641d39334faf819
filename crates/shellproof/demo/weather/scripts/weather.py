"""Print today's and tomorrow's weather for a city."""

import json
import os
import sys
import urllib.parse
import urllib.request

API = "https://api.weather.example/v1/forecast"


def forecast(city: str) -> dict:
    language = os.environ.get("LANG", "en")[:2]
    query = urllib.parse.urlencode({"q": city, "days": 2, "lang": language})
    with urllib.request.urlopen(f"{API}?{query}", timeout=10) as answer:
        return json.load(answer)


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: weather.py CITY", file=sys.stderr)
        return 2
    for day in forecast(sys.argv[1])["days"]:
        print(f"{day['date']}: {day['text']}, {day['low']} to {day['high']} °C")
    return 0


if __name__ == "__main__":
    sys.exit(main())
