"""further numbers of people, lines of companies, and what is dialled behind a number (R2.1, R5.8)"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phoneline",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("extension", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_phoneline_company_id_company")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_phoneline_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phoneline")),
        sa.UniqueConstraint("company_id", "number", "extension", name="uq_phoneline_company"),
        sa.UniqueConstraint("person_id", "number", "extension", name="uq_phoneline_person"),
    )
    for column in ("company_id", "number", "person_id"):
        op.create_index(op.f(f"ix_phoneline_{column}"), "phoneline", [column])


def downgrade() -> None:
    for column in ("person_id", "number", "company_id"):
        op.drop_index(op.f(f"ix_phoneline_{column}"), "phoneline")
    op.drop_table("phoneline")
