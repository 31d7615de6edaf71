/** How somebody has shown who they are. */
export type SignInMethod = 'password' | 'google' | 'github' | 'facebook';
