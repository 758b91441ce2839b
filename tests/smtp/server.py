"""A real mail server, which says on its standard output what it got: `server.py MODE [USER PASSWORD]`.

MODE is `none`, `starttls` or `required`. The first line has its port and the authority behind its
certificate; after that, each line is a mail that it took, as Python's own library reads it. The line
`hang up` on its standard input has it close every connection. Whom a mail goes to decides what it
says: see `REPLIES`.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

REPLIES = {
    "busy": "451 4.3.0 Come again later",
    "unknown": "550 5.1.1 No such user here",
    "locked": "530 5.7.0 Authentication required",
}
# What it says only once it has the whole mail.
REPLIES_AT_THE_END = {
    "picky": "554 5.6.0 Not this mail",
    "full": "452 4.2.2 No room left",
}


def tell(**what):
    print(json.dumps(what), flush=True)


class Handler:
    def __init__(self):
        self.sessions = []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        if session not in self.sessions:
            self.sessions.append(session)
        session.transport = server.transport
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        if name in REPLIES:
            return REPLIES[name]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        names = [address.partition("@")[0] for address in envelope.rcpt_tos]
        if "silent" in names:
            tell(silent=True)
            await asyncio.sleep(3600)
        for name in names:
            if name in REPLIES_AT_THE_END:
                return REPLIES_AT_THE_END[name]
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)

        def part(kind):
            return mail.get_body(preferencelist=(kind,)).get_content()

        tell(
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            headers=[[name.lower(), str(value)] for name, value in mail.items()],
            longest_line=max(len(line) for line in envelope.content.splitlines()),
            defects=[str(defect) for part in mail.walk() for defect in part.defects],
            text=part("plain"),
            html=part("html"),
            tls=server.transport.get_extra_info("ssl_object") is not None,
            user=session.auth_data and session.auth_data.login.decode(),
            connection=self.sessions.index(session),
        )
        return "250 OK queued as 42"


async def main():
    mode, *login = sys.argv[1:]
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)

    def authenticate(server, session, envelope, mechanism, data):
        given = [data.login.decode(), data.password.decode()]
        return AuthResult(success=given == login, handled=False, auth_data=data)

    handler = Handler()
    loop = asyncio.get_running_loop()

    def make():
        return SMTP(
            handler,
            hostname="localhost",
            enable_SMTPUTF8=True,
            tls_context=context if mode == "starttls" else None,
            require_starttls=mode == "starttls",
            authenticator=authenticate if login else None,
            auth_required=bool(login),
            auth_require_tls=False,
            loop=loop,
        )

    around = context if mode == "required" else None
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=around)
    tell(port=server.sockets[0].getsockname()[1], ca=authority.cert_pem.bytes().decode())

    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while await commands.readline():
        for session in handler.sessions:
            session.transport.abort()
        tell(hung_up=True)


asyncio.run(main())
