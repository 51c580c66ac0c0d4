"""What a skill can do, and whom it can be for: a file names one of these."""

from enum import StrEnum

from bot.clients.models import ClientRole, StaffRole


class SkillAct(StrEnum):
    """The figures that a skill tells, or what it does."""

    HOURS = "hours"
    PLAN = "plan"
    PLANS = "plans"
    PRICE = "price"
    DEBT = "debt"
    DOCUMENTS = "documents"
    TICKET_STATUS = "ticket_status"
    ARRIVAL = "arrival"
    CANCEL = "cancel"
    OTHER_TIME = "other_time"
    BUY_HOURS = "buy_hours"
    COLLEAGUE = "colleague"
    CONTACTS = "contacts"
    REQUISITES = "requisites"
    DANGER = "danger"
    HUMAN = "human"  # this and the next three by the names of WISHES
    COMPLAINT = "complaint"
    LEAVING = "leaving"
    NOBODY_CAME = "nobody_came"
    JOBS = "jobs"
    FIND_TICKET = "find_ticket"
    FIND_CLIENT = "find_client"
    DEBTORS = "debtors"


CLIENT, STAFF, STRANGER = "client", "staff", "stranger"  # any role of a client's, any of ours, nobody we know
AUDIENCES = frozenset({CLIENT, STAFF, STRANGER, *ClientRole, *StaffRole})
FIGURES, NAME, PHONE = "figures", "name", "phone"
PLACEHOLDERS = frozenset({FIGURES, NAME, PHONE})  # of a skill's words: what the act tells, the asker, our phone
