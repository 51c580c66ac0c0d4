"""who linked a stranger's appeal to a company, and who took it back"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeallink",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("appeal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("linked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("linked_at", UTCDateTime(), nullable=False),
        sa.Column("undone_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeallink_appeal_id_appeal")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_appeallink_company_id_company")),
        sa.ForeignKeyConstraint(["linked_by"], ["person.id"], name=op.f("fk_appeallink_linked_by_person")),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_appeallink_undone_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeallink")),
    )
    with op.batch_alter_table("appeallink") as batch_op:
        batch_op.create_index(batch_op.f("ix_appeallink_appeal_id"), ["appeal_id"])
        batch_op.create_index(batch_op.f("ix_appeallink_company_id"), ["company_id"])
        batch_op.create_index(
            "uq_appeal_link_live",
            ["appeal_id"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )


def downgrade() -> None:
    op.drop_table("appeallink")
