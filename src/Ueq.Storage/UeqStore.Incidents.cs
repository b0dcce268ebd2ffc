using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Ueq.Monitoring;
using Ueq.Storage.Tables;

namespace Ueq.Storage;

public sealed partial class UeqStore
{
    private static readonly string Closed = Name(IncidentState.Closed);

    /// <summary>All incidents that are not closed.</summary>
    /// <remarks>Read without Entity Framework, because every service asks at its start.</remarks>
    public Task<IReadOnlyList<StoredIncident>> OpenIncidentsAsync(CancellationToken cancellation) =>
        _database.RunAsync<IReadOnlyList<StoredIncident>>(Access.Read, async (c, token) =>
        {
            await using DbCommand select = c.Command("SELECT id, body, revision FROM ueq_incidents WHERE state <> @closed ORDER BY opened, id", null, ("@closed", Closed));
            await using DbDataReader row = await select.ExecuteReaderAsync(token);
            List<StoredIncident> open = [];
            while (await row.ReadAsync(token)) open.Add(new StoredIncident(IncidentJson.Read(row.GetString(0), row.GetString(1), Place), row.GetInt64(2)));
            return open;
        }, cancellation);

    /// <summary>An incident by its id; <c>null</c> when there is none.</summary>
    public Task<StoredIncident?> LoadIncidentAsync(string id, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Tables(Access.Read, async (tables, token) =>
            await tables.Incidents.AsNoTracking().FirstOrDefaultAsync(r => r.Id == id, token) is { } row ? Stored(row) : null, cancellation);
    }

    /// <summary>Incidents, the latest first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is outside its range.</exception>
    public Task<IReadOnlyList<StoredIncident>> ListIncidentsAsync(IncidentQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        query.Validate();
        return Tables<IReadOnlyList<StoredIncident>>(Access.Read, async (tables, token) =>
        {
            IQueryable<IncidentRow> rows = tables.Incidents.AsNoTracking();
            if (query.State is { } state && Name(state) is var name) rows = rows.Where(r => r.State == name);
            if (query.Model is { } model) rows = rows.Where(r => r.Model == model);
            if (query.Version is { } version) rows = rows.Where(r => r.Version == version);
            if (query.Signal is { } signal) rows = rows.Where(r => r.Signal == signal);
            if (query.OpenedBefore is { } before && Moments.Stored(before) is var moment) rows = rows.Where(r => r.Opened < moment);
            List<IncidentRow> found = await rows.OrderByDescending(r => r.Opened).ThenBy(r => r.Id).Take(query.Limit).ToListAsync(token);
            return [.. found.Select(Stored)];
        }, cancellation);
    }

    /// <summary>Saves an incident and what is to be remembered of it, both or neither.</summary>
    /// <param name="incident">The incident as it is now.</param>
    /// <param name="revision">The revision that was changed; 0 for a new one.</param>
    /// <param name="audit">What somebody did; <c>null</c> when nobody did anything.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns><c>false</c> when somebody else has saved it since: nothing is saved then; load it and change that.</returns>
    public Task<bool> SaveIncidentAsync(Incident incident, long revision, AuditEntry? audit, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(incident);
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        return Tables(Access.Write, async (tables, token) =>
        {
            IncidentRow row = Row(incident, revision);
            if (revision == 0)
            {
                tables.Add(row);
                row.Revision = 1;
            }
            else
            {
                tables.Update(row);
                row.Revision = revision + 1;
            }

            if (audit is not null) tables.Add(Row(audit));
            try
            {
                await tables.SaveChangesAsync(token);
                return true;
            }
            catch (DbUpdateConcurrencyException)
            {
                return false;
            }
            catch (DbUpdateException e) when (revision == 0 && e.InnerException is DbException inner && _database.IsDuplicate(inner))
            {
                return false;
            }
        }, cancellation);
    }

    /// <summary>Saves a silence and who made it.</summary>
    public Task AddSilenceAsync(Silence silence, AuditEntry audit, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(silence);
        ArgumentNullException.ThrowIfNull(audit);
        return Tables(Access.Write, async (tables, token) =>
        {
            if (await tables.Silences.AnyAsync(r => r.Id == silence.Id, token)) return 0;
            tables.Add(new SilenceRow
            {
                Id = silence.Id,
                Model = silence.Model,
                Signal = silence.Signal,
                Starts = Moments.Stored(silence.From),
                Until = Moments.Stored(silence.Until),
                Who = silence.Who,
                Reason = silence.Reason,
            });
            tables.Add(Row(audit));
            return await tables.SaveChangesAsync(token);
        }, cancellation);
    }

    /// <summary>Ends a silence and saves who did so.</summary>
    /// <returns><c>false</c> when there is none of this id.</returns>
    public Task<bool> LiftSilenceAsync(string id, AuditEntry audit, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(audit);
        return Tables(Access.Write, async (tables, token) =>
        {
            if (await tables.Silences.FirstOrDefaultAsync(r => r.Id == id, token) is not { } row) return false;
            tables.Remove(row);
            tables.Add(Row(audit));
            try
            {
                await tables.SaveChangesAsync(token);
                return true;
            }
            catch (DbUpdateConcurrencyException)
            {
                return false;
            }
        }, cancellation);
    }

    /// <summary>The silences that hold at a time or will, in the order of their ends.</summary>
    /// <remarks>Read without Entity Framework, because every service asks at its start.</remarks>
    public Task<IReadOnlyList<Silence>> ListSilencesAsync(DateTimeOffset at, CancellationToken cancellation) =>
        _database.RunAsync<IReadOnlyList<Silence>>(Access.Read, async (c, token) =>
        {
            await using DbCommand select = c.Command(
                "SELECT id, model, signal, starts, until, who, reason FROM ueq_silences WHERE until > @at ORDER BY until, id", null, ("@at", Moments.Stored(at)));
            await using DbDataReader row = await select.ExecuteReaderAsync(token);
            List<Silence> silences = [];
            while (await row.ReadAsync(token))
            {
                silences.Add(new Silence(
                    row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), Moments.Read(row.GetInt64(3)), Moments.Read(row.GetInt64(4)),
                    row.GetString(5), row.GetString(6)));
            }

            return silences;
        }, cancellation);

    /// <summary>Writes what somebody did into the audit log.</summary>
    public Task AppendAuditAsync(AuditEntry entry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return Tables(Access.Write, (tables, token) =>
        {
            tables.Add(Row(entry));
            return tables.SaveChangesAsync(token);
        }, cancellation);
    }

    /// <summary>The audit log, the latest entry first.</summary>
    /// <param name="before">Only entries before this place, to turn the page; <c>null</c> for the latest.</param>
    /// <param name="limit">The most to answer: 1 to 1,000.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<IReadOnlyList<StoredAudit>> ListAuditAsync(long? before, int limit, CancellationToken cancellation)
    {
        IncidentQuery.Validate(limit);
        long end = before ?? long.MaxValue;
        return Tables<IReadOnlyList<StoredAudit>>(Access.Read, async (tables, token) =>
        {
            List<AuditRow> rows = await tables.Audit.AsNoTracking().Where(r => r.Sequence < end).OrderByDescending(r => r.Sequence).Take(limit).ToListAsync(token);
            return [.. rows.Select(r => new StoredAudit(r.Sequence, new AuditEntry(Moments.Read(r.At), r.Who, r.Action, r.Subject, r.Before, r.After)))];
        }, cancellation);
    }

    private static string Name(IncidentState state) => state.ToString().ToLowerInvariant();

    private static AuditRow Row(AuditEntry entry) => new()
    {
        At = Moments.Stored(entry.At),
        Who = entry.Who,
        Action = entry.Action,
        Subject = entry.Subject,
        Before = entry.Before,
        After = entry.After,
    };

    private static IncidentRow Row(Incident incident, long revision) => new()
    {
        Id = incident.Id,
        Model = incident.Model,
        Version = incident.Version,
        Signal = incident.Signal,
        Epoch = incident.Epoch,
        State = Name(incident.State),
        Severity = incident.Severity.ToString().ToLowerInvariant(),
        Opened = Moments.Stored(incident.OpenedAt),
        Closed = incident.ClosedAt is { } closed ? Moments.Stored(closed) : null,
        Revision = revision,
        Body = IncidentJson.Write(incident),
    };

    private StoredIncident Stored(IncidentRow row) => new(IncidentJson.Read(row.Id, row.Body, Place), row.Revision);

    private Task<T> Tables<T>(Access access, Func<StoreContext, CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        _database.RunAsync(access, async (connection, token) =>
        {
            await using StoreContext tables = StoreContext.On(connection);
            return await work(tables, token);
        }, cancellation);
}
