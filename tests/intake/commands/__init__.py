"""The coordinators' commands, one file each as in the program."""
