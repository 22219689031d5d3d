from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_references_and_indexes'),
    ]

    operations = [
        # What `core.search.query` reads a question with: as `parvis`, without the words that stand in almost every text. These
        # are told by their accents, so that they are left out before accents are taken away.
        migrations.RunSQL(
            "CREATE TEXT SEARCH DICTIONARY parvis_french (TEMPLATE = simple, STOPWORDS = french, ACCEPT = false);"
            "CREATE TEXT SEARCH DICTIONARY parvis_english (TEMPLATE = simple, STOPWORDS = english, ACCEPT = false);"
            "CREATE TEXT SEARCH CONFIGURATION parvis_asked (COPY = parvis);"
            "ALTER TEXT SEARCH CONFIGURATION parvis_asked ALTER MAPPING FOR asciihword, asciiword, hword_asciipart"
            " WITH parvis_french, parvis_english, simple;"
            "ALTER TEXT SEARCH CONFIGURATION parvis_asked ALTER MAPPING FOR hword, hword_part, word"
            " WITH parvis_french, parvis_english, unaccent, simple;",
            "DROP TEXT SEARCH CONFIGURATION parvis_asked;"
            "DROP TEXT SEARCH DICTIONARY parvis_english;"
            "DROP TEXT SEARCH DICTIONARY parvis_french;",
        ),
    ]
