package command

import "github.com/spf13/cobra"

// New returns the whole command line. Its errors are complete sentences for people; nothing has been printed of them.
func New(version string) *cobra.Command {
	root := &cobra.Command{
		Use:   "kubectl-ambassador",
		Short: "Work on Ambassadors in files, without a cluster",
		Long: "Report what is wrong with Ambassadors, show what the operator would apply for them, or run the sidecar on this\n" +
			"computer from the same YAML.\n" +
			"Files are checked and defaulted as by the API server and the operator; nothing is sent anywhere.",
		Version:           version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              cobra.NoArgs,
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl ambassador"},
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.AddCommand(newValidate(), newRender(version), newRun(version))
	return root
}
