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
    ];
}
