# PowerShell completion for k8s-trace:  k8s-trace completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName 'k8s-trace' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # The words that end before the cursor, without the command's own; then the one that is being typed.
    [string[]] $words = @('__complete')
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $isText = $element -is [System.Management.Automation.Language.StringConstantExpressionAst]
        $words += if ($isText) { $element.Value } else { $element.Extent.Text }
    }
    # Before 7.3, an empty argument has to be quoted to reach a native program at all.
    $legacy = $PSVersionTable.PSVersion -lt [version] '7.3' -or $PSNativeCommandArgumentPassing -eq 'Legacy'
    $words += if ($wordToComplete -eq '' -and $legacy) { '""' } else { $wordToComplete }

    $lines = @(& 'k8s-trace' @words 2>$null)
    # No results: PowerShell completes file names, which is what :0 asks for.
    foreach ($line in $lines | Where-Object { $_ -notmatch '^:\d+$' }) {
        $text, $about = $line -split "`t", 2
        if (-not $about) { $about = $text }
        [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $about)
    }
}
