using System.Reflection;
using Ueq.Testing;

namespace Ueq.HouseLaws;

/// <summary>Every room that has models, trainers or formats holds its law book against them, all of them.</summary>
internal static class ModelLaws
{
    /// <summary>A room is fine if its tests write a law book of its own assembly and run a theory over the book's types.</summary>
    public static IEnumerable<string> WithoutLawBook(string room, Assembly assembly, IEnumerable<string> tests)
    {
        string[] types = [.. LawBook.Of(assembly).Types.Select(type => type.Name)];
        if (types.Length == 0) return [];
        bool kept = tests.Any(text => types.Concat(Others(assembly)).Any(name => text.Contains($"LawBook.Of<{name}>()", StringComparison.Ordinal))
            && text.Contains("Types];", StringComparison.Ordinal) && text.Contains("Hold(type)", StringComparison.Ordinal));
        return kept ? [] : [$"{room} has {string.Join(", ", types)}, but test/{room}.Tests holds no law book against them; see Ueq.Testing.LawBook."];
    }

    private static IEnumerable<string> Others(Assembly assembly) => assembly.GetTypes().Where(type => type.IsVisible).Select(type => type.Name);
}
