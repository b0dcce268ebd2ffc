using System.Collections;
using Ueq.Serving.Configuration;

namespace Ueq.Cli.Commands;

/// <summary>Where the settings of a service come from: a file, this process's environment, options.</summary>
internal static class Settings
{
    /// <param name="file">The file; <c>null</c> for none.</param>
    /// <param name="options">Keys and what the command line says of them; <c>null</c> where it says nothing.</param>
    public static ConfigSource Source(string? file, IEnumerable<(string Key, string? Text)> options) => new(
        file,
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? "")),
        from option in options where option.Text is not null select KeyValuePair.Create(option.Key, option.Text!));
}
