# ClickHouse's HTTP interface, as much of it as sinks use, in front of chdb: the engine of a new ClickHouse as a library.
# chdb-server.py PORT FOLDER
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from re import match
from urllib.parse import parse_qs, urlsplit

from chdb.session import Session

port, folder = int(sys.argv[1]), sys.argv[2]
session = Session(folder)


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        statement = asked.pop('query', '')
        database = asked.pop('database', 'default')
        try:
            session.query(f'USE {database}')
            for name, value in asked.items():
                session.query(f"SET {name} = '{value}'")
            text = f'{statement}\n{body}' if statement else body
            answer, status = session.query(text, 'TabSeparated').bytes(), 200
        except Exception as error:
            answer, status = str(error).encode(), 500
        self.send_response(status)
        code = match(r'Code: (\d+)', answer.decode(errors='replace'))
        if status != 200 and code:
            self.send_header('X-ClickHouse-Exception-Code', code[1])
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words):
        pass


HTTPServer(('127.0.0.1', port), Handler).serve_forever()
