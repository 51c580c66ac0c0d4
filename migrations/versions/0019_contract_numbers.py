"""a contract's number is its company's own: two companies may have the same"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contract") as batch_op:
        batch_op.drop_constraint("uq_contract_number", type_="unique")
        batch_op.create_unique_constraint("uq_contract_company_number", ["company_id", "number"])


def downgrade() -> None:
    with op.batch_alter_table("contract") as batch_op:
        batch_op.drop_constraint("uq_contract_company_number", type_="unique")
        batch_op.create_unique_constraint("uq_contract_number", ["number"])
