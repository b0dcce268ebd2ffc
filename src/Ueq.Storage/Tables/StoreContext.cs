using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Ueq.Storage.Tables;

/// <summary>What people search, as Entity Framework sees it. The tables themselves are made by <see cref="Schema"/>.</summary>
internal sealed class StoreContext(DbContextOptions<StoreContext> options) : DbContext(options)
{
    public DbSet<IncidentRow> Incidents => Set<IncidentRow>();

    public DbSet<SilenceRow> Silences => Set<SilenceRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    /// <summary>A context on a connection that is open and stays the caller's.</summary>
    public static StoreContext On(DbConnection connection)
    {
        DbContextOptionsBuilder<StoreContext> options = new();
        if (connection is SqliteConnection) options.UseSqlite(connection);
        else options.UseNpgsql(connection);
        return new StoreContext(options.Options);
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<IncidentRow>(row =>
        {
            row.ToTable("ueq_incidents").HasKey(r => r.Id);
            row.Property(r => r.Revision).IsConcurrencyToken();
        });
        modelBuilder.Entity<SilenceRow>().ToTable("ueq_silences").HasKey(r => r.Id);
        modelBuilder.Entity<AuditRow>(row =>
        {
            row.ToTable("ueq_audit").HasKey(r => r.Sequence);
            row.Property(r => r.Before).HasColumnName("state_before");
            row.Property(r => r.After).HasColumnName("state_after");
        });
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
            foreach (var property in entity.GetProperties())
                if (!property.GetColumnName().StartsWith("state_", StringComparison.Ordinal)) property.SetColumnName(property.Name.ToLowerInvariant());
    }
}
