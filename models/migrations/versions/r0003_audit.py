"""Checkpoints with their keys and witnesses; names and addresses are sealed.

What stood in clear is sealed here, in the same transaction, and the tables that held it are made
anew (SQLite cannot drop a column that is part of a key; its ``secure_delete`` wipes the old pages).
The vault comes with the configuration, as the connection does.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import context, op

from models.triggers import CHECKPOINTS_POSTGRESQL, CHECKPOINTS_SQLITE
from models.vault import NoVault, Vault

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.String(length=27)


def upgrade() -> None:
    """Add the auditor's tables, and seal who typed and where mail goes.

    Raises:
        NoVault: there are names or addresses to seal, and no master key was given.
    """
    _checkpoints()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in CHECKPOINTS_SQLITE if sqlite else CHECKPOINTS_POSTGRESQL:
        op.execute(statement)
    _contacts()
    _people()


def _checkpoints() -> None:
    op.create_table(
        "ledger_checkpoint",
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_checkpoint")),
    )
    op.create_table(
        "ledger_anchor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_anchor")),
        sa.UniqueConstraint("channel", "ref", name=op.f("uq_ledger_anchor_channel_ref")),
    )
    op.create_table(
        "ledger_key",
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("vkey", sa.Text(), nullable=False),
        sa.Column("from_size", BIG, nullable=False),
        sa.Column("until_size", BIG, nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_ledger_key")),
    )
    op.create_table(
        "vault_key",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_vault_key")),
    )


def _contacts() -> None:
    connection = op.get_bind()
    clear = connection.execute(sa.text("SELECT ref, body, address, locale FROM contact")).all()
    op.drop_table("contact")
    made = op.create_table(
        "contact",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_contact")),
        sa.UniqueConstraint("body", "mark", name=op.f("uq_contact_body_mark")),
    )
    op.create_index(op.f("ix_contact_body"), "contact", ["body"], unique=False)
    if clear:
        vault = _vault()
        rows = [
            {
                "ref": ref,
                "body": body,
                "mark": vault.mark(body, address),
                "sealed": vault.seal(connection, ref, address),
                "locale": locale,
            }
            for ref, body, address, locale in clear
        ]
        connection.execute(sa.insert(made), rows)


def _people() -> None:
    connection = op.get_bind()
    clear = connection.execute(sa.text("SELECT ref, name, created_at FROM person")).all()
    op.drop_table("person")
    made = op.create_table(
        "person",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_person")),
    )
    if clear:
        vault = _vault()
        rows = [
            {
                "ref": ref,
                "sealed": None if name is None else vault.seal(connection, ref, name),
                "created_at": created_at,
            }
            for ref, name, created_at in clear
        ]
        connection.execute(sa.insert(made), rows)


def _vault() -> Vault:
    vault = context.config.attributes.get("vault")
    if not isinstance(vault, Vault):
        raise NoVault("names and addresses must be sealed, and no master key was given")
    return vault
