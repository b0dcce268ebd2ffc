namespace Ueq.Storage;

/// <summary>The tables, step by step: step i makes schema i + 1 of schema i. A step that was released is never changed.</summary>
/// <remarks>
/// Not Entity Framework's migrations: its SQLite lock is a row in a table, which a process that is killed leaves behind, and then no
/// process ever starts again. A step runs in one transaction with the change of the number.
/// </remarks>
internal static class Schema
{
    /// <summary>Marks a SQLite file as ours: "UEQ1".</summary>
    public const long ApplicationId = 0x55455131;

    public static readonly IReadOnlyList<string> Sqlite =
    [
        """
        CREATE TABLE ueq_labels (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, receipt BLOB NOT NULL UNIQUE, model TEXT NOT NULL, version TEXT NOT NULL, label_group TEXT,
            issued INTEGER NOT NULL, arrived INTEGER NOT NULL, prediction REAL, lower REAL, upper REAL, y REAL, score REAL, covered INTEGER NOT NULL, coverage REAL) STRICT;
        CREATE INDEX ueq_labels_model ON ueq_labels (model, version, sequence);
        CREATE INDEX ueq_labels_issued ON ueq_labels (issued);
        CREATE TABLE ueq_states (
            model TEXT NOT NULL, version TEXT NOT NULL, part TEXT NOT NULL, state BLOB NOT NULL, label_sequence INTEGER NOT NULL, saved INTEGER NOT NULL,
            PRIMARY KEY (model, version, part)) STRICT;
        CREATE TABLE ueq_incidents (
            id TEXT NOT NULL PRIMARY KEY, model TEXT NOT NULL, version TEXT NOT NULL, signal TEXT NOT NULL, epoch INTEGER NOT NULL,
            state TEXT NOT NULL, severity TEXT NOT NULL, opened INTEGER NOT NULL, closed INTEGER, revision INTEGER NOT NULL, body TEXT NOT NULL,
            UNIQUE (model, version, signal, epoch)) STRICT;
        CREATE INDEX ueq_incidents_opened ON ueq_incidents (opened);
        CREATE TABLE ueq_silences (
            id TEXT NOT NULL PRIMARY KEY, model TEXT NOT NULL, signal TEXT, starts INTEGER NOT NULL, until INTEGER NOT NULL,
            who TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
        CREATE TABLE ueq_audit (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
            state_before TEXT, state_after TEXT) STRICT;
        """,
        """
        CREATE TABLE ueq_experiments (name TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL, revision INTEGER NOT NULL, changed INTEGER NOT NULL) STRICT;
        CREATE TABLE ueq_exposures (
            experiment TEXT NOT NULL, arm TEXT NOT NULL, requests INTEGER NOT NULL, row_count INTEGER NOT NULL, unnamed INTEGER NOT NULL, users BLOB NOT NULL,
            PRIMARY KEY (experiment, arm)) STRICT;
        CREATE TABLE ueq_outcomes (
            experiment TEXT NOT NULL, arm TEXT NOT NULL, bucket INTEGER NOT NULL, labels INTEGER NOT NULL, covered INTEGER NOT NULL, bounded INTEGER NOT NULL,
            width REAL NOT NULL, width_squares REAL NOT NULL, loss REAL NOT NULL, loss_squares REAL NOT NULL,
            covered_gain REAL NOT NULL, covered_gain_squares REAL NOT NULL, width_gain REAL NOT NULL, width_gain_squares REAL NOT NULL,
            loss_gain REAL NOT NULL, loss_gain_squares REAL NOT NULL, PRIMARY KEY (experiment, arm, bucket)) STRICT;
        CREATE TABLE ueq_shadows (
            receipt BLOB NOT NULL PRIMARY KEY, experiment TEXT NOT NULL, control TEXT NOT NULL, arm TEXT NOT NULL, bucket INTEGER NOT NULL, issued INTEGER NOT NULL,
            prediction REAL, lower REAL, upper REAL, label_set BLOB NOT NULL) STRICT;
        CREATE INDEX ueq_shadows_issued ON ueq_shadows (issued);
        CREATE TABLE ueq_shadow_labels (receipt BLOB NOT NULL PRIMARY KEY, arrived INTEGER NOT NULL) STRICT;
        """,
        "ALTER TABLE ueq_labels ADD COLUMN online_miss REAL;",
    ];

    public static readonly IReadOnlyList<string> Postgres =
    [
        """
        CREATE TABLE ueq_labels (
            sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, receipt uuid NOT NULL UNIQUE, model text NOT NULL, version text NOT NULL, label_group text,
            issued bigint NOT NULL, arrived bigint NOT NULL, prediction double precision, lower double precision, upper double precision,
            y double precision, score double precision, covered boolean NOT NULL, coverage double precision);
        CREATE INDEX ueq_labels_model ON ueq_labels (model, version, sequence);
        CREATE INDEX ueq_labels_issued ON ueq_labels (issued);
        CREATE TABLE ueq_states (
            model text NOT NULL, version text NOT NULL, part text NOT NULL, state bytea NOT NULL, label_sequence bigint NOT NULL, saved bigint NOT NULL,
            PRIMARY KEY (model, version, part));
        CREATE TABLE ueq_incidents (
            id text NOT NULL PRIMARY KEY, model text NOT NULL, version text NOT NULL, signal text NOT NULL, epoch bigint NOT NULL,
            state text NOT NULL, severity text NOT NULL, opened bigint NOT NULL, closed bigint, revision bigint NOT NULL, body text NOT NULL,
            UNIQUE (model, version, signal, epoch));
        CREATE INDEX ueq_incidents_opened ON ueq_incidents (opened);
        CREATE TABLE ueq_silences (
            id text NOT NULL PRIMARY KEY, model text NOT NULL, signal text, starts bigint NOT NULL, until bigint NOT NULL,
            who text NOT NULL, reason text NOT NULL);
        CREATE TABLE ueq_audit (
            sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL, who text NOT NULL, action text NOT NULL, subject text NOT NULL,
            state_before text, state_after text);
        """,
        """
        CREATE TABLE ueq_experiments (name text NOT NULL PRIMARY KEY, body text NOT NULL, revision bigint NOT NULL, changed bigint NOT NULL);
        CREATE TABLE ueq_exposures (
            experiment text NOT NULL, arm text NOT NULL, requests bigint NOT NULL, row_count bigint NOT NULL, unnamed bigint NOT NULL, users bytea NOT NULL,
            PRIMARY KEY (experiment, arm));
        CREATE TABLE ueq_outcomes (
            experiment text NOT NULL, arm text NOT NULL, bucket bigint NOT NULL, labels bigint NOT NULL, covered bigint NOT NULL, bounded bigint NOT NULL,
            width double precision NOT NULL, width_squares double precision NOT NULL, loss double precision NOT NULL, loss_squares double precision NOT NULL,
            covered_gain double precision NOT NULL, covered_gain_squares double precision NOT NULL, width_gain double precision NOT NULL, width_gain_squares double precision NOT NULL,
            loss_gain double precision NOT NULL, loss_gain_squares double precision NOT NULL, PRIMARY KEY (experiment, arm, bucket));
        CREATE TABLE ueq_shadows (
            receipt uuid NOT NULL PRIMARY KEY, experiment text NOT NULL, control text NOT NULL, arm text NOT NULL, bucket bigint NOT NULL, issued bigint NOT NULL,
            prediction double precision, lower double precision, upper double precision, label_set bytea NOT NULL);
        CREATE INDEX ueq_shadows_issued ON ueq_shadows (issued);
        CREATE TABLE ueq_shadow_labels (receipt uuid NOT NULL PRIMARY KEY, arrived bigint NOT NULL);
        """,
        "ALTER TABLE ueq_labels ADD COLUMN online_miss double precision;",
    ];
}
