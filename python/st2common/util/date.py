"""Times in UTC."""

import datetime


def get_datetime_utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


def add_utc_tz(dt):
    return dt.replace(tzinfo=datetime.timezone.utc)


def convert_to_utc(dt):
    return dt.astimezone(datetime.timezone.utc) if dt.tzinfo else add_utc_tz(dt)
