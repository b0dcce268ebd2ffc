using System.Data.Common;

namespace Ueq.Storage;

/// <summary>Statements with parameters, the same for both databases.</summary>
internal static class Commands
{
    public static DbCommand Command(this DbConnection connection, string text, DbTransaction? transaction = null, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        DbCommand command = connection.CreateCommand();
        command.CommandText = text;
        command.Transaction = transaction;
        foreach ((string name, object? value) in parameters)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    public static async Task<int> ExecuteAsync(
        this DbConnection connection, string text, DbTransaction? transaction, CancellationToken cancellation, params (string Name, object? Value)[] parameters)
    {
        await using DbCommand command = connection.Command(text, transaction, parameters);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<long> NumberAsync(this DbConnection connection, string text, DbTransaction? transaction, CancellationToken cancellation)
    {
        await using DbCommand command = connection.Command(text, transaction);
        return await command.ExecuteScalarAsync(cancellation) is { } value and not DBNull
            ? Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)
            : 0;
    }
}
